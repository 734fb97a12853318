//! Sign-in: tokens of a real OpenID provider, tokens of those who are not one, and how often either may be tried.

mod keys;
mod limits;
mod people;
mod provider;
mod tenants;
mod tokens;
