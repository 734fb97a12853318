//! One part of a case, read by itself: decided, and noted, as a reading of the sections in which it stands.

use axum::{
    Json,
    response::{IntoResponse as _, Response},
};
use ledger_core::{
    ids::{CaseId, Code},
    ledger::{Excerpt, Look, Shown},
    profile::Part,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::view::{
    Seen,
    consents::{self, ConsentView},
    entries::{self, DocumentView, NoteView},
    handing_over::{self, ReferralView},
    people::{self, PartyView, ServiceView},
    plan::{self, AgreementView, MeasureView, MeetingView},
    rounds::{self, RoundView},
};
use crate::{
    api::{
        answer::{self, View},
        as_of::{AsOfView, PastQuery},
        error::ApiError,
        language,
        request::Asker,
        schemas,
        service::Service,
    },
    words::{Vocabulary, Wishes},
};

/// A part of a case that can be read by itself.
pub(in crate::api) trait PartOfCase: Serialize {
    /// Which part.
    const EXCERPT: Excerpt;

    /// What a reading of it shows.
    fn of(case: CaseId, shown: &Shown, as_of: Option<AsOfView>, names: Vocabulary<'_>) -> Self;
}

macro_rules! parts_of_case {
    ($($(#[doc = $doc:literal])+ $name:ident: $view:ty = $items:path, $excerpt:expr;)*) => {$(
        $(#[doc = $doc])+
        #[derive(Serialize, ToSchema)]
        #[serde(rename_all = "camelCase")]
        pub(in crate::api) struct $name {
            /// The case.
            #[schema(value_type = schemas::Id)]
            case_id: CaseId,
            /// The version up to which it is shown.
            version: u64,
            /// The moment of the past that is shown; not there for the present.
            #[serde(skip_serializing_if = "Option::is_none")]
            as_of: Option<AsOfView>,
            /// The sections of which something is shown.
            #[schema(value_type = Vec<schemas::CodeWord>)]
            sections: Vec<Code>,
            /// What the caller may see, in the order in which it was recorded.
            items: Vec<$view>,
            /// What stands in the ledger for having seen it.
            view: View,
        }

        impl PartOfCase for $name {
            const EXCERPT: Excerpt = $excerpt;

            fn of(
                case_id: CaseId,
                shown: &Shown,
                as_of: Option<AsOfView>,
                names: Vocabulary<'_>,
            ) -> Self {
                Self {
                    case_id,
                    version: shown.case.version,
                    as_of,
                    sections: shown.sections.iter().cloned().collect(),
                    items: $items(&Seen::of(shown, names)),
                    view: View::from(&shown.view),
                }
            }
        }
    )*};
}

parts_of_case! {
    /// The people who take or took part in a case.
    Parties: PartyView = people::parties, Excerpt::Part(Part::Parties);
    /// The consultation rounds of a case, each with its invitations.
    Rounds: RoundView = rounds::rounds, Excerpt::Part(Part::Parties);
    /// The services that take or took part in a case.
    Services: ServiceView = people::services, Excerpt::Part(Part::Services);
    /// The consents to a case.
    Consents: ConsentView = consents::consents, Excerpt::Part(Part::Consents);
    /// The measures of a case.
    Measures: MeasureView = plan::measures, Excerpt::Part(Part::Measures);
    /// The meetings of a case.
    Meetings: MeetingView = plan::meetings, Excerpt::Part(Part::Meetings);
    /// The agreements with the family in a case.
    Agreements: AgreementView = plan::agreements, Excerpt::Part(Part::Agreements);
    /// The referrals of a case to other organisations.
    Referrals: ReferralView = handing_over::referrals, Excerpt::Part(Part::Referrals);
    /// The notes of a case.
    Notes: NoteView = entries::notes, Excerpt::Notes;
    /// The documents of a case, without their bodies.
    Documents: DocumentView = entries::documents, Excerpt::Documents;
}

/// Reads one part of a case, now or as it was.
pub(in crate::api) async fn read<P: PartOfCase>(
    service: &Service,
    case: CaseId,
    asker: &Asker,
    wishes: &Wishes,
    past: &PastQuery,
) -> Result<Response, ApiError> {
    let Asker { caller, occasion } = asker;
    let moment = past.moment()?;
    let look = Look::Excerpt(P::EXCERPT);
    let ledger = service.ledger();
    let shown = ledger
        .look_back(caller, case, &look, moment, occasion)
        .await?;
    let names = wishes.vocabulary(shown.profile());
    let part = P::of(case, &shown, AsOfView::of(moment), names);
    let answer = if moment.is_now() {
        answer::shown(shown.case.version, part)
    } else {
        Json(part).into_response()
    };
    Ok(language::spoken([names.language()], answer))
}
