//! What a golden event is, and the made-up but fixed values that all of them share.

use std::path::{Path, PathBuf};

use ledger_core::{
    clock::Timestamp,
    event::{Actor, Basis, UnplacedEnvelope, complete_envelope},
    events::{EVENT_TYPES, Event, Facts},
    ids::{
        AccountId, CaseId, Code, ConsentId, Digest, DocumentId, EventId, OrganisationId, PartyId,
        Position, StreamId, TenantId,
    },
    profile::Assurance,
    sealing,
};
use serde_json::value::RawValue;

/// One event with made-up but fixed values.
pub(crate) struct Golden {
    pub(crate) stream: StreamId,
    pub(crate) event_type: Code,
    pub(crate) schema_version: u16,
    pub(crate) facts: Box<RawValue>,
    /// What the facts are read as, in their current shape.
    pub(crate) reads_as: Event,
    pub(crate) content: Option<Vec<u8>>,
    /// Reads a content of its type and writes it again.
    pub(crate) rewrite: fn(&[u8]) -> serde_json::Result<Vec<u8>>,
}

pub(crate) fn rewrite<F: Facts>(content: &[u8]) -> serde_json::Result<Vec<u8>> {
    serde_json::to_vec(&serde_json::from_slice::<F::Content>(content)?)
}

/// An event without content.
pub(crate) fn bare<F: Facts>(stream: StreamId, facts: F) -> Golden {
    let event: Event = facts.into();
    Golden {
        stream,
        event_type: code(event.event_type()),
        schema_version: event.schema_version(),
        facts: event.to_facts(),
        reads_as: event,
        content: None,
        rewrite: rewrite::<F>,
    }
}

pub(crate) fn sealed<F: Facts>(stream: StreamId, facts: F, content: &F::Content) -> Golden {
    let content = serde_json::to_vec(content).expect("contents can be written");
    Golden {
        content: Some(content),
        ..bare(stream, facts)
    }
}

/// A shape in which events are no longer written.
pub(crate) fn old<F: Facts>(version: u16, facts: &str, reads_as: F) -> Golden {
    Golden {
        schema_version: version,
        facts: RawValue::from_string(facts.to_owned()).expect("JSON"),
        ..bare(case(), reads_as)
    }
}

pub(crate) fn code(text: &str) -> Code {
    text.parse().expect("a code")
}

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().expect("a timestamp")
}

pub(crate) fn text(text: &str) -> String {
    text.to_owned()
}

pub(crate) fn case_id() -> CaseId {
    CaseId::from_ulid(0x0199_5d1c_0000_1111_2222_3333_4444_5555_u128.into())
}

pub(crate) fn case() -> StreamId {
    StreamId::Case(case_id())
}

pub(crate) fn views() -> StreamId {
    StreamId::Views(case_id())
}

pub(crate) fn account() -> AccountId {
    AccountId::from_ulid(0x0199_5d1c_0001_1111_2222_3333_4444_5555_u128.into())
}

pub(crate) fn school() -> OrganisationId {
    OrganisationId::from_ulid(0x0199_5d1c_0002_1111_2222_3333_4444_5555_u128.into())
}

pub(crate) fn party() -> PartyId {
    PartyId::from_ulid(0x0199_5d1c_0003_1111_2222_3333_4444_5555_u128.into())
}

pub(crate) fn consent() -> ConsentId {
    ConsentId::from_ulid(0x0199_5d1c_0004_1111_2222_3333_4444_5555_u128.into())
}

pub(crate) fn document() -> DocumentId {
    DocumentId::from_ulid(0x0199_5d1c_0005_1111_2222_3333_4444_5555_u128.into())
}

pub(crate) fn digest(byte: u8) -> Digest {
    Digest([byte; 32])
}

impl Golden {
    /// The envelope as this program writes it.
    pub(crate) fn envelope(&self) -> Vec<u8> {
        let tenant: TenantId = "kvam".parse().expect("a tenant");
        let about_a_case = matches!(self.stream, StreamId::Case(_) | StreamId::Views(_));
        let actor = Actor::Staff {
            account: account(),
            role: Some(code("baton_holder")),
            organisation: Some(school()),
            on_behalf_of: None,
            issuer: code("idporten"),
            assurance: Assurance::High,
        };
        let basis = Basis {
            profile: "stafettloggen-kvam".parse().expect("a profile"),
            profile_digest: digest(4),
            policies: vec![code("participants_read")],
            cited: vec![Position(3), Position(11)],
        };
        let purpose = code("follow_up");
        let unplaced = UnplacedEnvelope {
            tenant: &tenant,
            stream: &self.stream,
            event_id: EventId::from_ulid(0x0199_5d1c_0006_1111_2222_3333_4444_5555_u128.into()),
            event_type: EVENT_TYPES
                .iter()
                .find_map(|(name, _)| (*name == self.event_type.as_str()).then_some(*name))
                .expect("a known type"),
            schema_version: self.schema_version,
            occurred_at: about_a_case.then(|| at("2026-02-28T12:00:00Z")),
            actor: &actor,
            case: about_a_case.then(case_id),
            purpose: about_a_case.then_some(&purpose),
            basis: about_a_case.then_some(&basis),
            correlation_id: "0af7651916cd43dd8448eb211c80319c"
                .parse()
                .expect("a trace id"),
            facts: &self.facts,
            content_commitment: self
                .content
                .as_ref()
                .map(|content| sealing::commit(&[9; 32], content)),
        };
        complete_envelope(&unplaced.encode(), 12, at("2026-03-02T09:00:00.123456Z"))
    }

    pub(crate) fn path(&self) -> PathBuf {
        folder().join(format!("{}.v{}.json", self.event_type, self.schema_version))
    }

    pub(crate) fn content_path(&self) -> PathBuf {
        self.path().with_extension("content.json")
    }

    pub(crate) fn is_current(&self) -> bool {
        self.schema_version == self.reads_as.schema_version()
    }
}

pub(crate) fn folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/golden"))
}
