//! Every event type there is, one line each. The families live in the folder beside this file.
//!
//! An event has **facts**, which anyone who may read the ledger can read, and may have **content**, which is sealed.
//! Facts hold ids, codes, dates and numbers, never free text: a test reads these files and forbids `String` in every
//! type here whose name does not end in `Content`.

mod account;
mod agreement;
mod baton;
mod break_glass;
mod case;
mod consent;
mod contact;
mod content_lifecycle;
mod correction;
mod document;
mod hold;
mod import;
mod information;
mod ledger;
mod measure;
mod meeting;
mod note;
mod organisation;
mod party;
mod profile;
mod referral;
mod round;
mod service;
mod transmission;
mod upcast;
mod views;
mod webhook;

use serde::{Serialize, de::DeserializeOwned};
use serde_json::value::RawValue;

pub use self::{
    account::*, agreement::*, baton::*, break_glass::*, case::*, consent::*, contact::*,
    content_lifecycle::*, correction::*, document::*, hold::*, import::*, information::*,
    ledger::*, measure::*, meeting::*, note::*, organisation::*, party::*, profile::*, referral::*,
    round::*, service::*, transmission::*, views::*, webhook::*,
};
use crate::ids::Code;

/// The content of events that have none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct NoContent {}

/// An event could not be read.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// Written by a later version of this program.
    #[error(
        "event type {event_type} in schema version {schema_version} is not known to this version of the program; update it"
    )]
    Unknown {
        /// The stored type.
        event_type: Code,
        /// The stored schema version.
        schema_version: u16,
    },
    /// The facts do not have the shape of their type.
    #[error("facts of {event_type} v{schema_version} do not have the shape of that version")]
    Malformed {
        /// The stored type.
        event_type: Code,
        /// The stored schema version.
        schema_version: u16,
        /// What the parser found.
        source: serde_json::Error,
    },
}

/// The facts of one event type.
pub trait Facts: Serialize + DeserializeOwned + Into<Event> {
    /// The sealed half: [`NoContent`] where there is none.
    type Content: Serialize + DeserializeOwned;
    /// The stored type.
    const EVENT_TYPE: &'static str;
    /// The current shape.
    const SCHEMA_VERSION: u16;
}

macro_rules! event_types {
    ($($name:ident = $code:literal, v $version:literal, $content:ty;)*) => {
        /// The facts of any event.
        #[derive(Debug, Clone, PartialEq, Eq)]
        #[expect(missing_docs, reason = "each variant is the type of its name")]
        pub enum Event {
            $($name($name),)*
        }

        /// Every stored type with its current schema version.
        pub const EVENT_TYPES: &[(&str, u16)] = &[$(($code, $version),)*];

        impl Event {
            /// The stored type.
            pub const fn event_type(&self) -> &'static str {
                match self { $(Self::$name(_) => $code,)* }
            }

            /// The shape in which this program writes the type.
            pub const fn schema_version(&self) -> u16 {
                match self { $(Self::$name(_) => $version,)* }
            }

            /// The facts as JSON, as they go into the envelope.
            pub fn to_facts(&self) -> Box<RawValue> {
                match self {
                    $(Self::$name(facts) => serde_json::value::to_raw_value(facts),)*
                }
                .expect("facts have text keys only and no failing serializer")
            }

            fn decode_current(event_type: &str, facts: &str) -> Option<Result<Self, serde_json::Error>> {
                match event_type {
                    $($code => Some(serde_json::from_str::<$name>(facts).map(Self::$name)),)*
                    _ => None,
                }
            }
        }

        $(
            impl Facts for $name {
                type Content = $content;
                const EVENT_TYPE: &'static str = $code;
                const SCHEMA_VERSION: u16 = $version;
            }

            impl From<$name> for Event {
                fn from(facts: $name) -> Self {
                    Self::$name(facts)
                }
            }
        )*
    };
}

event_types! {
    LedgerOpened = "ledger_opened", v 1, LedgerOpenedContent;
    SigningKeyRotated = "signing_key_rotated", v 1, NoContent;
    LedgerRecovered = "ledger_recovered", v 1, LedgerRecoveredContent;
    ProfileAdopted = "profile_adopted", v 1, ProfileAdoptedContent;
    OrganisationRegistered = "organisation_registered", v 1, OrganisationRegisteredContent;
    AccountActivated = "account_activated", v 1, AccountActivatedContent;
    RoleAssigned = "role_assigned", v 2, NoContent;
    RoleEnded = "role_ended", v 2, NoContent;
    AccountDeactivated = "account_deactivated", v 1, NoContent;
    ContactSet = "contact_set", v 1, ContactSetContent;
    NotificationPreferencesSet = "notification_preferences_set", v 1, NoContent;
    ContactOpened = "contact_opened", v 1, ContactOpenedContent;
    WebhookAdded = "webhook_added", v 1, WebhookAddedContent;
    WebhookRemoved = "webhook_removed", v 1, NoContent;
    AgreementSigned = "agreement_signed", v 2, AgreementSignedContent;
    AgreementEnded = "agreement_ended", v 1, AgreementEndedContent;
    OpeningCleared = "opening_cleared", v 1, NoContent;
    CaseOpened = "case_opened", v 2, CaseOpenedContent;
    LogImported = "log_imported", v 1, LogImportedContent;
    CaseImported = "case_imported", v 1, CaseImportedContent;
    EntryImported = "entry_imported", v 1, EntryImportedContent;
    ImportConcluded = "import_concluded", v 1, NoContent;
    StatusChanged = "status_changed", v 1, StatusChangedContent;
    InformationGiven = "information_given", v 1, InformationGivenContent;
    ConsentGiven = "consent_given", v 3, ConsentGivenContent;
    ConsentWithdrawn = "consent_withdrawn", v 1, ConsentWithdrawnContent;
    ConsentDeclined = "consent_declined", v 1, ConsentDeclinedContent;
    ConsentInvalidated = "consent_invalidated", v 1, ConsentInvalidatedContent;
    SituationChanged = "situation_changed", v 1, SituationChangedContent;
    PartyAdded = "party_added", v 1, PartyAddedContent;
    PartyRemoved = "party_removed", v 1, PartyRemovedContent;
    CameOfAge = "came_of_age", v 1, CameOfAgeContent;
    ServiceAdded = "service_added", v 1, ServiceAddedContent;
    ServiceRemoved = "service_removed", v 1, ServiceRemovedContent;
    TaskAssigned = "task_assigned", v 1, TaskAssignedContent;
    BatonOffered = "baton_offered", v 1, BatonOfferedContent;
    BatonAccepted = "baton_accepted", v 1, NoContent;
    BatonDeclined = "baton_declined", v 1, BatonDeclinedContent;
    RoundOpened = "round_opened", v 1, RoundOpenedContent;
    RoundEnded = "round_ended", v 1, NoContent;
    GuestInvited = "guest_invited", v 2, GuestInvitedContent;
    InvitationAccepted = "invitation_accepted", v 1, InvitationAcceptedContent;
    GuestConfirmed = "guest_confirmed", v 1, NoContent;
    InvitationRevoked = "invitation_revoked", v 1, InvitationRevokedContent;
    MeasurePlanned = "measure_planned", v 1, MeasurePlannedContent;
    MeasureBegun = "measure_begun", v 1, NoContent;
    MeasureChanged = "measure_changed", v 1, MeasurePlannedContent;
    MeasureEvaluated = "measure_evaluated", v 1, MeasureEvaluatedContent;
    MeasureEnded = "measure_ended", v 1, MeasureEndedContent;
    MeetingPlanned = "meeting_planned", v 1, MeetingPlannedContent;
    MeetingMoved = "meeting_moved", v 1, NoContent;
    MeetingHeld = "meeting_held", v 1, MeetingHeldContent;
    MeetingCancelled = "meeting_cancelled", v 1, MeetingCancelledContent;
    AgreementMade = "agreement_made", v 1, AgreementMadeContent;
    AgreementSettled = "agreement_settled", v 1, AgreementSettledContent;
    NoteAdded = "note_added", v 1, NoteAddedContent;
    DocumentAdded = "document_added", v 1, DocumentAddedContent;
    ReferralMade = "referral_made", v 1, ReferralMadeContent;
    TransmissionPrepared = "transmission_prepared", v 1, NoContent;
    TransmissionSending = "transmission_sending", v 1, TransmissionSendingContent;
    TransmissionSent = "transmission_sent", v 1, NoContent;
    TransmissionFailed = "transmission_failed", v 1, NoContent;
    PasswordConveyed = "password_conveyed", v 1, PasswordConveyedContent;
    TransmissionReceived = "transmission_received", v 1, TransmissionReceivedContent;
    WorkingCopyDestroyed = "working_copy_destroyed", v 1, NoContent;
    EntryCorrected = "entry_corrected", v 1, EntryCorrectedContent;
    ContentRedacted = "content_redacted", v 1, ContentRedactedContent;
    ClosingAgreed = "closing_agreed", v 1, NoContent;
    ClosingAgreementTakenBack = "closing_agreement_taken_back", v 1, NoContent;
    CaseClosed = "case_closed", v 1, CaseClosedContent;
    CaseRested = "case_rested", v 1, CaseRestedContent;
    CaseResumed = "case_resumed", v 1, CaseResumedContent;
    CaseReopened = "case_reopened", v 1, CaseReopenedContent;
    HoldPlaced = "hold_placed", v 1, HoldPlacedContent;
    HoldLifted = "hold_lifted", v 1, HoldLiftedContent;
    GlassBroken = "glass_broken", v 1, GlassBrokenContent;
    GlassMended = "glass_mended", v 1, NoContent;
    PackageBuilt = "package_built", v 1, NoContent;
    CaseArchived = "case_archived", v 1, CaseArchivedContent;
    ErasureStarted = "erasure_started", v 1, NoContent;
    CaseErased = "case_erased", v 1, NoContent;
    CaseViewed = "case_viewed", v 3, NoContent;
    CaseListed = "case_listed", v 1, NoContent;
    CaseFound = "case_found", v 1, CaseFoundContent;
    TimelineViewed = "timeline_viewed", v 3, NoContent;
    CaseWatched = "case_watched", v 2, NoContent;
    DocumentDownloaded = "document_downloaded", v 1, NoContent;
    CasePrinted = "case_printed", v 3, NoContent;
    CaseExported = "case_exported", v 1, NoContent;
    LogExported = "log_exported", v 1, NoContent;
    InvitationAddressOpened = "invitation_address_opened", v 1, InvitationAddressOpenedContent;
    AuditAnswered = "audit_answered", v 2, NoContent;
    AccessRefused = "access_refused", v 1, NoContent;
}

impl Event {
    /// Reads facts as they were stored: older shapes are brought up to date first.
    pub fn decode(
        event_type: &Code,
        schema_version: u16,
        facts: &RawValue,
    ) -> Result<Self, DecodeError> {
        let unknown = || DecodeError::Unknown {
            event_type: event_type.clone(),
            schema_version,
        };
        let malformed = |source| DecodeError::Malformed {
            event_type: event_type.clone(),
            schema_version,
            source,
        };
        let (_, current) = EVENT_TYPES
            .iter()
            .find(|(code, current)| *code == event_type.as_str() && schema_version <= *current)
            .ok_or_else(unknown)?;
        if schema_version == *current {
            return Self::decode_current(event_type.as_str(), facts.get())
                .ok_or_else(unknown)?
                .map_err(malformed);
        }
        let value = serde_json::from_str(facts.get()).map_err(malformed)?;
        let value = upcast::to_current(event_type.as_str(), schema_version, *current, value)
            .ok_or_else(unknown)?;
        Self::decode_current(event_type.as_str(), &value.to_string())
            .ok_or_else(unknown)?
            .map_err(malformed)
    }
}
