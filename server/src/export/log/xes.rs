//! Cases as an event log for process mining: XES (IEEE 1849-2023), written case by case.
//!
//! A case that came in with such a log goes out as it came: its attributes, its entries and their times as they were
//! written, in their order. What happened to it here follows as entries of its own. A case of our own goes out as facts
//! alone: what happened, when, who did it and in which role, never a name or a text.

mod native;
mod xml;

use ledger_core::{
    events::{
        CaseImportedContent, EntryImportedContent, Event, LogAttributeContent, LogAttributeKind,
        LogHeaderContent, LogImportedContent,
    },
    ids::StreamId,
    ledger::CaseLog,
    store::Recorded,
};

use self::xml::Xml;

/// The version of the standard that is written (section 5.1).
const VERSION: &str = "1849.2016";

/// The standard's own extensions that are used: name, prefix, address.
const EXTENSIONS: [(&str, &str, &str); 4] = [
    (
        "Concept",
        "concept",
        "http://www.xes-standard.org/concept.xesext",
    ),
    (
        "Lifecycle",
        "lifecycle",
        "http://www.xes-standard.org/lifecycle.xesext",
    ),
    (
        "Organizational",
        "org",
        "http://www.xes-standard.org/org.xesext",
    ),
    ("Time", "time", "http://www.xes-standard.org/time.xesext"),
];

/// What stands behind the last trace.
pub const TAIL: &str = "</log>\n";

/// What stands before the first trace. Where that is of a case that came in with a log, it is what that log said about
/// itself.
pub fn head(first: Option<&CaseLog>) -> String {
    let header = first.and_then(|log| {
        let imported = log.state.state.imported.as_ref()?;
        let content: LogImportedContent = log.contents.read(imported.log)?;
        Some(content.header)
    });
    let mut xml = Xml::new();
    xml.declare();
    match header {
        Some(header) => of_another(&mut xml, &header),
        None => own_header(&mut xml),
    }
    xml.text()
}

/// A case: the events of its own stream in their order, and of a case that came in with a log what that said of them. Who
/// looked at it is no part of its course.
pub fn trace(log: &CaseLog) -> String {
    let own = StreamId::Case(log.case);
    let events: Vec<&Recorded> = log
        .asked()
        .filter(|recorded| recorded.envelope.stream == own)
        .collect();
    let of_case = log.state.state.imported.as_ref().and_then(|imported| {
        let content: CaseImportedContent = log.contents.read(imported.position)?;
        Some(content)
    });
    let mut xml = Xml::within();
    xml.open("trace", &[]);
    match &of_case {
        Some(content) => attributes(&mut xml, &content.attributes),
        None => attributes(&mut xml, &native::of_case(log)),
    }
    for event in events {
        let content: Option<EntryImportedContent> = match &event.event {
            Event::EntryImported(_) => log.contents.read(event.position),
            // How it came in is no part of the course of a case that came in with a log.
            Event::CaseOpened(_) | Event::CaseImported(_) if of_case.is_some() => continue,
            _ => None,
        };
        xml.open("event", &[]);
        match content {
            Some(content) => attributes(&mut xml, &content.attributes),
            None => attributes(&mut xml, &native::of_event(event)),
        }
        xml.close();
    }
    xml.close();
    xml.text()
}

/// What another log said about itself.
fn of_another(xml: &mut Xml, header: &LogHeaderContent) {
    let declared = header.declared.iter();
    let declared: Vec<_> = declared.map(|(name, value)| (&**name, &**value)).collect();
    xml.open("log", &declared);
    for extension in &header.extensions {
        self::extension(xml, &extension.name, &extension.prefix, &extension.uri);
    }
    for global in &header.globals {
        let scope = global.scope.iter().map(|scope| ("scope", scope.as_str()));
        xml.open("global", &scope.collect::<Vec<_>>());
        attributes(xml, &global.attributes);
        xml.close();
    }
    for classifier in &header.classifiers {
        let mut parts = vec![("name", classifier.name.as_str())];
        parts.extend(classifier.scope.iter().map(|scope| ("scope", &**scope)));
        parts.push(("keys", &classifier.keys));
        xml.empty("classifier", &parts);
    }
    attributes(xml, &header.attributes);
}

fn own_header(xml: &mut Xml) {
    let declared = [
        ("xes.version", VERSION),
        ("xes.features", "nested-attributes"),
        ("xmlns", "http://www.xes-standard.org/"),
    ];
    xml.open("log", &declared);
    for (name, prefix, uri) in EXTENSIONS {
        extension(xml, name, prefix, uri);
    }
    for (scope, of_all) in native::globals() {
        xml.open("global", &[("scope", scope)]);
        attributes(xml, &of_all);
        xml.close();
    }
    let activity = [
        ("name", "Activity"),
        ("scope", "event"),
        ("keys", native::NAME),
    ];
    xml.empty("classifier", &activity);
}

fn extension(xml: &mut Xml, name: &str, prefix: &str, uri: &str) {
    xml.empty(
        "extension",
        &[("name", name), ("prefix", prefix), ("uri", uri)],
    );
}

fn attributes(xml: &mut Xml, attributes: &[LogAttributeContent]) {
    for attribute in attributes {
        self::attribute(xml, attribute);
    }
}

fn attribute(xml: &mut Xml, attribute: &LogAttributeContent) {
    let element = element_of(attribute.kind);
    let key = ("key", attribute.key.as_str());
    let with_value = [key, ("value", attribute.value.as_str())];
    let parts = match attribute.kind {
        LogAttributeKind::List | LogAttributeKind::Container => &with_value[..1],
        _ => &with_value[..],
    };
    if attribute.attributes.is_empty() && attribute.values.is_none() {
        xml.empty(element, parts);
        return;
    }
    xml.open(element, parts);
    attributes(xml, &attribute.attributes);
    if let Some(values) = &attribute.values {
        xml.open("values", &[]);
        attributes(xml, values);
        xml.close();
    }
    xml.close();
}

const fn element_of(kind: LogAttributeKind) -> &'static str {
    match kind {
        LogAttributeKind::String => "string",
        LogAttributeKind::Date => "date",
        LogAttributeKind::Int => "int",
        LogAttributeKind::Float => "float",
        LogAttributeKind::Boolean => "boolean",
        LogAttributeKind::Id => "id",
        LogAttributeKind::List => "list",
        LogAttributeKind::Container => "container",
    }
}
