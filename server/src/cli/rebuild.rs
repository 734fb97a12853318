//! `caseledger rebuild`: read models from the events, beside those in use.

use serde::Serialize;

use super::{
    Exit, Failure, Progress,
    output::OutputArgs,
    parts,
    session::{self, Session},
    show,
};

/// Make read models anew from the events
///
/// The new one is filled beside the one in use and then swapped in; the service may go on running and writing.
/// Nothing is lost if this is interrupted.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  caseledger rebuild                    all of them
  caseledger rebuild case_list --json")]
pub(super) struct RebuildArgs {
    /// The read model; without it, every one there is
    projection: Option<String>,
    #[command(flatten)]
    pub(super) output: OutputArgs,
}

#[derive(Debug, Serialize)]
struct Shape {
    rebuilt: Vec<parts::Rebuilt>,
}

impl RebuildArgs {
    pub(super) async fn run(self, session: &Session) -> anyhow::Result<Exit> {
        let known = parts::projections();
        let names = match self.projection {
            None => known,
            Some(name) if known.contains(&name.as_str()) => {
                known.into_iter().filter(|known| *known == name).collect()
            }
            Some(name) => {
                return Err(Failure::usage(format!(
                    "there is no read model {name:?}; there are {}",
                    known.join(", ")
                ))
                .into());
            }
        };
        let config = session.config()?;
        let rebuilt = session::with_instance(config, self.output.json, async |instance| {
            let progress = Progress::begin("rebuilding", self.output.json);
            let mut rebuilt = Vec::new();
            for name in names {
                progress.say(format!("rebuilding {name}"));
                let told = |done, total| progress.set(done, total);
                rebuilt.push(parts::rebuild(instance, name, &told).await?);
            }
            Ok(rebuilt)
        })
        .await?;
        let shape = Shape { rebuilt };
        self.output.print(&shape, || {
            let rows = shape.rebuilt.iter();
            let rows: Vec<_> = rows
                .map(|one| vec![one.projection.clone(), one.events.to_string()])
                .collect();
            show::table(&["READ MODEL", "EVENTS"], &rows)
        })?;
        Ok(Exit::Done)
    }
}
