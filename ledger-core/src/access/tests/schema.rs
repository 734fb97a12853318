//! `profiles/schema.cedarschema` and the lists in the code say the same.

use std::collections::BTreeSet;

use cedar_policy::{Schema, SchemaFragment};

use crate::access::{Action, AttributeName, policies::MINIMUM_ASSURANCE, uid};

const TEXT: &str = include_str!("../../../profiles/schema.cedarschema");

#[test]
fn the_schema_declares_each_action_in_its_group() {
    let (schema, _) = Schema::from_cedarschema_str(TEXT).expect("the schema is sound");
    let entities = schema.action_entities().expect("the schema is sound");
    let mut declared: BTreeSet<String> = schema
        .actions()
        .map(|action| action.id().unescaped().to_owned())
        .collect();
    for action in Action::ALL {
        let group = action.group().code();
        assert!(declared.remove(action.code()), "{action} is not declared");
        let (group_uid, action_uid) = (uid("Action", group), uid("Action", action.code()));
        assert!(
            entities.is_ancestor_of(&group_uid.expect("a name"), &action_uid.expect("a name")),
            "{action} is not in {group}"
        );
        declared.remove(group);
    }
    assert_eq!(declared, BTreeSet::new(), "the code does not know these");
}

#[test]
fn the_schema_declares_each_attribute_as_required() {
    let (fragment, _) = SchemaFragment::from_cedarschema_str(TEXT).expect("the schema is sound");
    let json = fragment.to_json_value().expect("a schema has a JSON form");
    let attributes = json[""]["commonTypes"]["Situation"]["attributes"]
        .as_object()
        .expect("the type Situation is a record");
    let declared: BTreeSet<_> = attributes.keys().map(String::as_str).collect();
    let known: BTreeSet<_> = AttributeName::ALL
        .iter()
        .map(|name| name.code())
        .chain([MINIMUM_ASSURANCE])
        .collect();
    assert_eq!(declared, known);
    for (name, attribute) in attributes {
        assert_ne!(attribute["required"], false, "{name} may be missing");
    }
}
