//! The log of cases in the formats of the field: who did and saw what, when and on what basis. One format a file; each is
//! a pure function from what was recorded of a case to records.
//!
//! Here belongs what all of them share: which cases are asked for, the order in which they come, and how records become
//! one stream of bytes. Cases come one by one, each decided and noted in the ledger by itself, so an export of any length
//! takes as much memory as its largest case. A stream that ends in an error has no end of its own: whoever writes it must
//! show that, by an aborted connection or a file that is taken away.

mod audit_event;
mod consent_records;
mod deed;
mod known;
mod ldv;
mod namespace;
mod nen7513;
pub mod xes;

use std::{borrow::Cow, collections::VecDeque, sync::Arc};

use ledger_core::{
    clock::Span,
    ids::{CaseId, ProfileId},
    ledger::{Caller, CaseLog, Ledger, LedgerError, LogAsked, Occasion},
};

use self::known::Known;
pub use self::namespace::Namespace;

/// Cases whose ids are read at a time.
const CASES_AT_A_TIME: usize = 500;

macro_rules! formats {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $media_type:literal, $extension:literal, $summary:literal;)*) => {
        /// A format of the field.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum LogFormat {
            $($(#[$doc])* $name,)*
        }

        impl LogFormat {
            /// Every format, in the order of this list.
            pub const ALL: &[Self] = &[$(Self::$name),*];
            /// Every media type, without parameters.
            pub const MEDIA_TYPES: &[&str] = &[$($media_type),*];

            /// Its name on the command line and in addresses.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// How its files end.
            pub const fn file_extension(self) -> &'static str {
                match self { $(Self::$name => $extension,)* }
            }

            /// What it is, in a line.
            pub const fn summary(self) -> &'static str {
                match self { $(Self::$name => $summary,)* }
            }

            /// Its media type, without parameters.
            pub const fn media_type(self) -> &'static str {
                match self { $(Self::$name => $media_type,)* }
            }
        }
    };
}

formats! {
    /// FHIR R4 AuditEvent, one a line, after the patterns of IHE BALP.
    AuditEvent = "audit-event", "application/fhir+ndjson", "ndjson", "FHIR R4 AuditEvent in lines of JSON (IHE BALP)";
    /// The fields of NEN 7513 as a table (RFC 4180).
    Nen7513Csv = "nen7513-csv", "text/csv", "csv", "the fields of NEN 7513 as a table";
    /// The fields of NEN 7513 in JSON.
    Nen7513Json = "nen7513-json", "application/json", "json", "the fields of NEN 7513 in JSON";
    /// Logboek dataverwerkingen, one processing a line.
    Ldv = "ldv", "application/x-ndjson", "ndjson", "Logboek dataverwerkingen (Logius) in lines of JSON";
    /// ISO/IEC TS 27560 consent records in JSON-LD.
    ConsentRecords = "consent-records", "application/ld+json", "jsonld", "consent records (ISO/IEC TS 27560) in JSON-LD";
    /// XES (IEEE 1849), one trace a case.
    Xes = "xes", "application/xml", "xes", "an event log for process mining (XES, IEEE 1849)";
}

/// What stands around the records.
struct Frame {
    /// Before the first record, also where there is none.
    head: &'static str,
    /// Between two records.
    between: &'static str,
    /// After the last, also where there is none.
    tail: &'static str,
}

/// Records that end in a line break each.
const LINES: Frame = Frame {
    head: "",
    between: "",
    tail: "",
};

impl LogFormat {
    /// The format of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|format| format.name() == name)
    }

    /// Whether the texts of a case go with it. Then it is the case itself that is taken out, and decided as that.
    const fn with_content(self) -> bool {
        match self {
            Self::AuditEvent
            | Self::Nen7513Csv
            | Self::Nen7513Json
            | Self::Ldv
            | Self::ConsentRecords
            | Self::Xes => false,
        }
    }

    /// Whether they do of a case that came in with a log from elsewhere: what came in is to go out again.
    const fn imported_with_content(self) -> bool {
        matches!(self, Self::Xes)
    }

    /// What stands before the first record; that may be of the first case.
    fn head(self, first: Option<&CaseLog>) -> Cow<'static, str> {
        match self {
            Self::Xes => xes::head(first).into(),
            _ => self.frame().head.into(),
        }
    }

    const fn frame(self) -> Frame {
        match self {
            Self::AuditEvent | Self::Ldv => LINES,
            Self::Nen7513Csv => Frame {
                head: nen7513::HEADER,
                ..LINES
            },
            Self::Nen7513Json => Frame {
                head: "[\n",
                between: ",\n",
                tail: "\n]\n",
            },
            Self::ConsentRecords => Frame {
                head: consent_records::HEAD,
                between: ",\n",
                tail: consent_records::TAIL,
            },
            Self::Xes => Frame {
                tail: xes::TAIL,
                ..LINES
            },
        }
    }

    /// The records of one case.
    fn records(self, log: &CaseLog, names: &Namespace) -> Vec<String> {
        let known = || Known::of(log, names);
        match self {
            Self::AuditEvent => audit_event::records(&known()),
            Self::Nen7513Csv => nen7513::csv(&known()),
            Self::Nen7513Json => nen7513::json(&known()),
            Self::Ldv => ldv::lines(&known()),
            Self::ConsentRecords => consent_records::records(&known()),
            Self::Xes => vec![xes::trace(log)],
        }
    }

    fn asked(self, period: Span) -> LogAsked {
        let code = self.name().replace('-', "_");
        LogAsked {
            format: code.parse().expect("a format's name is a code"),
            period,
            with_content: self.with_content(),
            imported_with_content: self.imported_with_content(),
        }
    }
}

/// Which cases are asked for.
#[derive(Debug, Clone)]
pub enum Extent {
    /// One. Whoever may not have it is told so.
    Case(CaseId),
    /// Those of a system that the caller may have; the others are left out.
    System(ProfileId),
    /// Those of the tenant that the caller may have.
    Tenant,
}

/// An export under way.
pub struct LogExport {
    ledger: Arc<Ledger>,
    caller: Caller,
    occasion: Occasion,
    format: LogFormat,
    asked: LogAsked,
    extent: Extent,
    names: Namespace,
    waiting: VecDeque<CaseId>,
    last: Option<CaseId>,
    has_read_all: bool,
    has_begun: bool,
    has_ended: bool,
    progress: LogProgress,
}

/// How far an export has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LogProgress {
    /// Cases that were looked at, whether they are part of the export or not.
    pub looked_at: u64,
    /// Cases that are part of it.
    pub cases: u64,
    /// Records that were written.
    pub records: u64,
}

impl LogExport {
    /// Begins an export; nothing is read yet but the ledger's name.
    ///
    /// # Errors
    /// [`LedgerError::NoProfile`] for a system that has no rules here; when the key store or the store cannot be read.
    pub async fn begin(
        ledger: Arc<Ledger>,
        caller: Caller,
        occasion: Occasion,
        format: LogFormat,
        extent: Extent,
        period: Span,
    ) -> Result<Self, LedgerError> {
        if let Extent::System(system) = &extent
            && ledger.rule_book(&caller.tenant, system).await?.is_none()
        {
            return Err(LedgerError::NoProfile(system.clone()));
        }
        let names = Namespace::of(&ledger.origin(&caller.tenant).await?);
        Ok(Self {
            ledger,
            caller,
            occasion,
            format,
            asked: format.asked(period),
            extent,
            names,
            waiting: VecDeque::new(),
            last: None,
            has_read_all: false,
            has_begun: false,
            has_ended: false,
            progress: LogProgress::default(),
        })
    }

    /// How far it has come.
    pub const fn progress(&self) -> LogProgress {
        self.progress
    }

    /// The next piece of the stream: the records of one case, or the end. Nothing, once all was given out. A piece may be
    /// empty: then a case was looked at that is not part of the export.
    ///
    /// # Errors
    /// For a single case as [`Ledger::export_log`]; otherwise when something cannot be read or appended.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>, LedgerError> {
        if self.has_ended {
            return Ok(None);
        }
        let frame = self.format.frame();
        let Some(case) = self.next_case().await? else {
            self.has_ended = true;
            let mut piece = self.begun(None);
            piece.push_str(frame.tail);
            return Ok(Some(piece.into_bytes()));
        };
        let log = self.log(case).await?;
        self.progress.looked_at += 1;
        let mut piece = String::new();
        if let Some(log) = log {
            piece = self.begun(Some(&log));
            self.progress.cases += 1;
            for record in self.format.records(&log, &self.names) {
                if self.progress.records > 0 {
                    piece.push_str(frame.between);
                }
                self.progress.records += 1;
                piece.push_str(&record);
            }
        }
        Ok(Some(piece.into_bytes()))
    }

    /// The head, the first time.
    fn begun(&mut self, first: Option<&CaseLog>) -> String {
        let begins = !std::mem::replace(&mut self.has_begun, true);
        if begins {
            self.format.head(first).into_owned()
        } else {
            String::new()
        }
    }

    async fn log(&self, case: CaseId) -> Result<Option<CaseLog>, LedgerError> {
        let (ledger, caller) = (&self.ledger, &self.caller);
        let (asked, occasion) = (&self.asked, &self.occasion);
        let system = match &self.extent {
            Extent::Case(_) => {
                let log = ledger.export_log(caller, case, asked, occasion).await?;
                return Ok(Some(log));
            }
            Extent::System(system) => Some(system),
            Extent::Tenant => None,
        };
        ledger
            .export_log_among(caller, case, system, asked, occasion)
            .await
    }

    async fn next_case(&mut self) -> Result<Option<CaseId>, LedgerError> {
        if self.waiting.is_empty() && !self.has_read_all {
            if let Extent::Case(case) = self.extent {
                self.has_read_all = true;
                return Ok(Some(case));
            }
            let store = self.ledger.store();
            let page = store
                .cases(&self.caller.tenant, self.last, CASES_AT_A_TIME)
                .await?;
            self.has_read_all = page.len() < CASES_AT_A_TIME;
            self.last = page.last().copied();
            self.waiting.extend(page);
        }
        Ok(self.waiting.pop_front())
    }
}
