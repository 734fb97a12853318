//! The thread through a request: the W3C trace id that its events, its log lines and its answer share.

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use ledger_core::{clock::Entropy, event::CorrelationId};

const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
const CORRELATION_ID: HeaderName = HeaderName::from_static("x-correlation-id");

/// The client's trace id, if it sent a well-formed one (W3C Trace Context §3.2), or a new one.
pub(super) fn of(headers: &HeaderMap, entropy: &dyn Entropy) -> CorrelationId {
    headers
        .get(&TRACEPARENT)
        .and_then(|value| trace_id(value.to_str().ok()?))
        .unwrap_or_else(|| CorrelationId::generate(entropy))
}

/// `00-<trace id>-<parent id>-<flags>`; of later versions the first four parts are the same.
fn trace_id(traceparent: &str) -> Option<CorrelationId> {
    let mut parts = traceparent.split('-');
    let (version, trace_id) = (parts.next()?, parts.next()?);
    let (parent_id, flags) = (parts.next()?, parts.next()?);
    let hex = |text: &str, length: usize| {
        text.len() == length
            && text
                .bytes()
                .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
    };
    let shaped = hex(version, 2)
        && version != "ff"
        && (version != "00" || parts.next().is_none())
        && hex(parent_id, 16)
        && parent_id.bytes().any(|byte| byte != b'0')
        && hex(flags, 2);
    shaped.then(|| trace_id.parse().ok()).flatten()
}

/// Says in the answer under which id it can be found again.
pub(super) fn echo(headers: &mut HeaderMap, id: CorrelationId, entropy: &dyn Entropy) {
    let mut span = [0; 8];
    entropy.fill(&mut span);
    // All zeros would not be valid.
    span[7] |= 1;
    let span = u64::from_be_bytes(span);
    let value = |text: String| {
        HeaderValue::try_from(text).expect("hexadecimal digits and dashes may stand in a header")
    };
    headers.insert(TRACEPARENT, value(format!("00-{id}-{span:016x}-01")));
    headers.insert(CORRELATION_ID, value(id.to_string()));
}

#[cfg(test)]
mod tests {
    use ledger_core::clock::SystemEntropy;

    use super::*;

    const GIVEN: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    #[test]
    fn a_well_formed_trace_id_is_taken_over() {
        let id = trace_id(GIVEN).unwrap();
        assert_eq!(id.to_string(), "0af7651916cd43dd8448eb211c80319c");
        assert!(trace_id(&format!("{}-more", GIVEN.replacen("00", "01", 1))).is_some());
        for bad in [
            "",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            &format!("{GIVEN}-more"),
        ] {
            assert!(trace_id(bad).is_none(), "{bad:?} was taken over");
        }
    }

    #[test]
    fn an_answer_carries_the_id_in_both_forms() {
        let mut headers = HeaderMap::new();
        echo(&mut headers, trace_id(GIVEN).unwrap(), &SystemEntropy);
        let echoed = headers[&TRACEPARENT].to_str().unwrap();
        assert_eq!(trace_id(echoed), trace_id(GIVEN));
        assert_eq!(headers[&CORRELATION_ID], "0af7651916cd43dd8448eb211c80319c");
    }
}
