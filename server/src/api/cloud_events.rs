//! What is sent to whoever follows a case, as CloudEvents 1.0 in structured mode (cloudevents.io, JSON event format), after
//! the profile of the Dutch government: ids and codes stand in the attributes, what may only be read by whoever is allowed
//! to stands in `data` alone.

use chrono::{DateTime, Utc};
use ledger_core::{
    ids::{CaseId, Position},
    log::Origin,
    store::Recorded,
};
use serde::Serialize;
use serde_json::{Value, json};

/// Whose events they are, and of which case.
pub(super) struct CloudEvents {
    source: String,
    case: CaseId,
}

impl CloudEvents {
    pub(super) fn of(origin: &Origin, case: CaseId) -> Self {
        Self {
            source: format!("//{origin}"),
            case,
        }
    }

    /// An event of the case, with what may be shown of it.
    pub(super) fn event(&self, recorded: &Recorded, data: &impl Serialize) -> Value {
        let envelope = &recorded.envelope;
        let id = envelope.event_id.to_string();
        let at = Some(envelope.recorded_at);
        let mut event = self.message(recorded.event.event_type(), &id, at, data);
        event["sequence"] = json!(sequence(recorded.position));
        event
    }

    /// Something that the stream says about itself.
    pub(super) fn message(
        &self,
        kind: &str,
        id: &str,
        at: Option<DateTime<Utc>>,
        data: &impl Serialize,
    ) -> Value {
        let mut event = json!({
            "specversion": "1.0",
            "id": id,
            "source": self.source,
            "type": format!("caseledger.case.{kind}"),
            "subject": self.case,
            "datacontenttype": "application/json",
            "data": data,
        });
        if let Some(at) = at {
            event["time"] = json!(at);
        }
        event
    }
}

/// The position as the extension `sequence` wants it: texts that sort as the numbers do.
fn sequence(position: Position) -> String {
    format!("{:020}", position.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sequence_sorts_as_its_positions_do() {
        let [nine, ten, most] = [9, 10, u64::MAX].map(|number| sequence(Position(number)));
        assert!(nine < ten && ten < most);
        assert_eq!(nine.len(), most.len());
    }
}
