mod people_of_the_table;
mod state_command_table;
mod states;
