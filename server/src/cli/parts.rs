//! The one place where the command line calls the service's other parts: bundles, read models, the API.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::Context as _;
use ledger_core::{
    ids::{AccountId, CaseId, TenantId},
    ledger::{Caller, Ledger, Occasion},
    log::VerifierKey,
};
use projections::ProjectionError;
use serde::Serialize;
use tokio::net::TcpListener;

use super::{Failure, show};
use crate::{
    api,
    export::bundle::{self, BundleError, BundleReport, BundleVerification, Finding, Trust},
    instance::Instance,
};

/// A bundle that was written.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(crate) struct WrittenBundle(BundleReport);

impl WrittenBundle {
    /// Where it stands.
    pub(crate) fn path(&self) -> &Path {
        &self.0.path
    }

    /// What it holds, in words.
    pub(crate) fn text(&self) -> String {
        let report = &self.0;
        show::pairs(&[
            ("bundle", report.path.display().to_string()),
            ("events", report.events.to_string()),
            ("documents", report.documents.to_string()),
            ("reaches to position", report.cut.to_string()),
            (
                "committed to at position",
                report.package_position.to_string(),
            ),
            (
                "SHA-256 of its manifest",
                report.manifest_sha256.to_string(),
            ),
        ])
    }
}

/// Writes the bundle of a case into `folder`, under the case's id.
pub(crate) async fn write_bundle(
    ledger: &Ledger,
    caller: &Caller,
    case: CaseId,
    folder: &Path,
    occasion: &Occasion,
) -> anyhow::Result<WrittenBundle> {
    std::fs::create_dir_all(folder)
        .with_context(|| format!("the folder {} cannot be made", folder.display()))?;
    let target = folder.join(case.to_string());
    let written = bundle::write(ledger, caller, case, &target, occasion).await;
    written.map(WrittenBundle).map_err(failure)
}

/// A bundle that was checked.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CheckedBundle {
    path: PathBuf,
    whole: bool,
    #[serde(flatten)]
    bundle: Option<BundleVerification>,
    findings: Vec<Finding>,
}

impl CheckedBundle {
    /// Whether it is what the ledger committed to.
    pub(crate) const fn whole(&self) -> bool {
        self.whole
    }

    /// What was found, in words.
    pub(crate) fn text(&self) -> String {
        let Some(bundle) = &self.bundle else {
            let mut lines = vec![format!(
                "VERIFICATION FAILED: {} is not what the ledger committed to. Findings: {}",
                self.path.display(),
                self.findings.len()
            )];
            lines.extend(self.findings.iter().map(|finding| format!("  - {finding}")));
            return lines.join("\n");
        };
        let redacted = |there: u64, redacted: u64| match redacted {
            0 => format!("{there}, each as its event committed to it"),
            redacted => format!("{there}, each as its event committed to it; {redacted} redacted"),
        };
        let found = show::pairs(&[
            ("bundle", self.path.display().to_string()),
            ("ledger", bundle.tenant.to_string()),
            ("case", bundle.case.to_string()),
            (
                "events",
                format!(
                    "{}, and {} that they rest on, each with its proof",
                    bundle.events, bundle.cited
                ),
            ),
            (
                "contents",
                redacted(bundle.contents, bundle.contents_redacted),
            ),
            (
                "documents",
                redacted(bundle.documents, bundle.documents_redacted),
            ),
            ("complete up to position", bundle.cut.to_string()),
            (
                "committed to at position",
                bundle.package_position.to_string(),
            ),
            ("signed by", bundle.signed_by.to_string()),
        ]);
        let trust = match bundle.trust {
            Trust::GivenKey => "It is signed by the key that you gave.",
            Trust::BundleAlone => {
                "Compare the key with the one that the ledger's owner has published."
            }
        };
        format!("{found}\nThe bundle is whole. {trust}")
    }
}

/// Checks a bundle by itself.
pub(crate) fn verify_bundle(path: &Path, trusted: &[VerifierKey]) -> anyhow::Result<CheckedBundle> {
    match bundle::verify_with(path, trusted) {
        Ok(verified) => Ok(CheckedBundle {
            path: path.to_owned(),
            whole: true,
            bundle: Some(verified),
            findings: Vec::new(),
        }),
        Err(BundleError::Invalid { path, findings }) => Ok(CheckedBundle {
            path,
            whole: false,
            bundle: None,
            findings,
        }),
        Err(error) => Err(failure(error)),
    }
}

/// What the ledger says about a bundle is told as the ledger's, so that it keeps its exit code.
fn failure(error: BundleError) -> anyhow::Error {
    match error {
        BundleError::Ledger(error) => error.into(),
        BundleError::TargetExists(_) | BundleError::PartialExists(_) | BundleError::Target(_) => {
            Failure::usage(error.to_string()).into()
        }
        BundleError::NotABundle(_) => Failure::refused(error.to_string()).into(),
        BundleError::Invalid { .. } | BundleError::NotJson(_) => {
            Failure::not_whole(error.to_string()).into()
        }
        error => error.into(),
    }
}

/// The names of the read models.
pub(crate) fn projections() -> Vec<&'static str> {
    projections::all()
        .iter()
        .map(|projection| projection.name())
        .collect()
}

/// A read model that was made anew.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Rebuilt {
    pub(crate) projection: String,
    pub(crate) events: u64,
    rows_deleted: u64,
}

/// Makes a read model anew.
pub(crate) async fn rebuild(
    instance: &Instance,
    name: &str,
    progress: &(dyn Fn(u64, u64) + Send + Sync),
) -> anyhow::Result<Rebuilt> {
    let report = projections::rebuild(
        instance.projector.clone(),
        instance.store(),
        instance.tenant().clone(),
        name,
        progress,
    )
    .await
    .map_err(|error| match error {
        ProjectionError::Events(error) => anyhow::Error::from(error),
        error => error.into(),
    })
    .with_context(|| format!("the read model {name} was not rebuilt"))?;
    Ok(Rebuilt {
        projection: name.to_owned(),
        events: report.events,
        rows_deleted: report.rows_deleted,
    })
}

/// Serves the API until `stop` resolves, and closes the instance.
pub(crate) async fn serve_until(
    instance: Arc<Instance>,
    listener: TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
) -> anyhow::Result<()> {
    let served = api::serve(Arc::clone(&instance), listener, stop).await;
    let closed = if let Some(instance) = Arc::into_inner(instance) {
        instance.close().await
    } else {
        // Everything acknowledged is durable; the next start publishes it.
        tracing::warn!("stopped while a request was still being answered");
        Ok(())
    };
    served?;
    closed
}

/// Lines to paste into a shell: sign in as somebody, and look.
pub(crate) fn curl_examples(
    address: &str,
    tenant: &TenantId,
    account: AccountId,
    case: CaseId,
) -> Vec<String> {
    let (base, bearer) = (
        format!("http://{address}/v1"),
        r#"-H "Authorization: Bearer $TOKEN""#,
    );
    vec![
        format!(
            r#"TOKEN=$(curl -s {base}/dev/tokens --json '{{"accountId":"{account}"}}' | sed 's/.*"accessToken":"\([^"]*\)".*/\1/')"#
        ),
        format!("curl -s {bearer} {base}/cases"),
        format!("curl -s {bearer} {base}/cases/{case}"),
        format!("curl -s {bearer} {base}/cases/{case}/timeline"),
        format!("curl -s http://{address}/tlog/{tenant}/checkpoint"),
    ]
}
