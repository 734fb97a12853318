//! For how long cases could be looked at before they were hidden.

use anyhow::Context as _;
use ledger_core::ids::{CaseId, ProfileId};

use crate::cli::{
    Exit,
    acting::{ActingArgs, occasion},
    output::OutputArgs,
    session::{self, Session},
    show,
};

/// For how long cases could be looked at before they were hidden, who could, and who did
///
/// From the intake of a case until it was hidden: those who could look in that time and cannot after it, by the rules and
/// the people of the time, and what each of them saw.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  caseledger audit exposure --case 01JD9M6ZP5W9T0W6Q0S1T2B3N4 --as 01JD9M6YF3E2A9Q4W8R7T6Y5U1
  caseledger audit exposure --system my-system --as 01JD9M6YF3E2A9Q4W8R7T6Y5U1 --json")]
#[group(id = "which", required = true, multiple = false, args = ["case", "system"])]
pub(super) struct ExposureArgs {
    /// The case
    #[arg(long, value_name = "CASE")]
    case: Option<CaseId>,
    /// Every case of a system
    #[arg(long, value_name = "PROFILE")]
    system: Option<ProfileId>,
    #[command(flatten)]
    acting: ActingArgs,
    #[command(flatten)]
    pub(super) output: OutputArgs,
}

/// Cases that are asked for at a time.
const PAGE: u32 = 200;

impl ExposureArgs {
    pub(super) async fn run(self, session: &Session) -> anyhow::Result<Exit> {
        let config = session.config()?;
        let caller = self.acting.caller(&config)?;
        let (case, system, output) = (self.case, self.system, self.output);
        let exposures = session::with_instance(config, output.json, async |instance| {
            let (ledger, tenant) = (&instance.ledger, &caller.tenant);
            let mut cases: Vec<CaseId> = case.into_iter().collect();
            if let Some(system) = &system {
                projections::catch_up(instance.projector.clone(), instance.store(), tenant.clone())
                    .await?;
                loop {
                    let after = cases.last().copied();
                    let page = projections::case_list::of_system(
                        &instance.projector,
                        tenant,
                        system,
                        after,
                        PAGE,
                    )
                    .await?;
                    let is_last = page.len() < PAGE as usize;
                    cases.extend(page);
                    if is_last {
                        break;
                    }
                }
            }
            let mut exposures = Vec::new();
            for case in cases {
                let exposure = ledger
                    .exposure(&caller, case, &occasion(ledger))
                    .await
                    .with_context(|| {
                        format!("it could not be asked how case {case} was exposed")
                    })?;
                exposures.push(exposure);
            }
            if system.is_some() {
                exposures.retain(|exposure| exposure.window.is_some());
            }
            Ok(exposures)
        })
        .await?;
        output.print(&show::exposure_shape(&exposures), || {
            format!(
                "For how long cases were exposed\n\n{}",
                show::exposure_text(&exposures)
            )
        })?;
        Ok(Exit::Done)
    }
}
