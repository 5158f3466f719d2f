//! JSON Schemas of the declarations that the parser reads: the document cannot say what the parser does not.

use schemars::SchemaGenerator;
use serde_json::{Map, Value, json};
use shared::api::{Content, Describe, FieldSpec, Kind, Literal, Object, Presence, Shape, schema_of};
use shared::review::{
    ActorKind, BUCKET_PATTERN, BlockType, DocumentId, IfExists, MEDIA_TYPE_PATTERN, Origin, POINTER_PATTERN,
    RunId, Status, Verdict, Word, with_meanings, words_schema,
};
use std::collections::BTreeMap;

/// Text that is not blank and has no control characters.
const NAME: &str = r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$";
/// Text that is not blank: at least one visible character.
const NOT_BLANK: &str = concat!(
    r"[^\s\u0000-\u001f\u007f-\u00a0\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2000-\u200f",
    r"\u2028-\u202f\u205f-\u206f\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff]"
);
/// Text that is not blank, has no control characters and no slashes, and is neither `.` nor `..`.
const FILE_NAME: &str =
    r"^(?!\.{1,2}$)[^/\\\x00-\x1f\x7f-\x9f]*[^/\\\s\x00-\x1f\x7f-\x9f][^/\\\x00-\x1f\x7f-\x9f]*$";
/// `whsec_` and the base64 of 24 to 64 bytes, padded, its unused bits zero.
const SECRET: &str = concat!(
    r"^whsec_(([A-Za-z0-9+/]{4}){8,21}",
    r"|([A-Za-z0-9+/]{4}){8,20}([A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=|[A-Za-z0-9+/][AQgw]==)",
    r"|([A-Za-z0-9+/]{4}){21}[A-Za-z0-9+/][AQgw]==)$"
);

/// Enums that have a schema of their own, by their words.
const ENUMS: [(&[Word], Describe); 6] = [
    (ActorKind::WORDS, schema_of::<ActorKind>),
    (BlockType::WORDS, schema_of::<BlockType>),
    (IfExists::WORDS, schema_of::<IfExists>),
    (Origin::WORDS, schema_of::<Origin>),
    (Status::WORDS, schema_of::<Status>),
    (Verdict::WORDS, schema_of::<Verdict>),
];

/// The schema of an identifier in a path or a query.
pub(crate) fn identifier() -> Value {
    identifier_of(RunId::PATTERN, RunId::MAX_LENGTH)
}

/// The schema of a document's identifier in a path.
pub(crate) fn document_identifier() -> Value {
    identifier_of(DocumentId::PATTERN, DocumentId::MAX_LENGTH)
}

/// The schema of one in a header, where a comma would separate two of them.
pub(crate) fn header_identifier() -> Value {
    identifier_of(&RunId::PATTERN.replace(',', ""), RunId::MAX_LENGTH)
}

fn identifier_of(pattern: &str, max: usize) -> Value {
    json!({ "type": "string", "pattern": pattern, "minLength": 1, "maxLength": max })
}

/// The objects that declarations name, as schemas of the document.
#[derive(Default)]
pub(crate) struct Declared {
    pub(crate) objects: BTreeMap<&'static str, Value>,
}

impl Declared {
    /// A reference to an object's schema, which is made the first time.
    pub(crate) fn object(&mut self, object: &Object, types: &mut SchemaGenerator) -> Value {
        if !self.objects.contains_key(object.name) {
            // It may refer to itself.
            self.objects.insert(object.name, Value::Null);
            let mut schema = match object.shape {
                Shape::Fields(specs) => self.fields(None, specs, types),
                Shape::Variants { tag, variants, .. } => {
                    let variants: Vec<Value> = variants
                        .iter()
                        .map(|variant| {
                            let mut schema =
                                self.fields(Some((tag.name, variant.word)), variant.fields, types);
                            schema["description"] = variant.word.meaning.trim().into();
                            schema
                        })
                        .collect();
                    json!({ "oneOf": variants })
                }
            };
            schema["description"] = object.about.into();
            self.objects.insert(object.name, schema);
        }
        json!({ "$ref": format!("#/components/schemas/{}", object.name) })
    }

    /// An object with these fields and no others; `tag` is the field that names its variant.
    fn fields(
        &mut self,
        tag: Option<(&str, Word)>,
        specs: &[FieldSpec],
        types: &mut SchemaGenerator,
    ) -> Value {
        let mut properties = Map::new();
        let mut required: Vec<&str> = Vec::new();
        if let Some((name, word)) = tag {
            properties.insert(name.to_owned(), json!({ "type": "string", "const": word.text }));
            required.push(name);
        }
        for spec in specs {
            properties.insert(spec.name.to_owned(), self.field(spec, types));
            if spec.presence == Presence::Required {
                required.push(spec.name);
            }
        }
        let mut schema = json!({ "type": "object", "properties": properties, "additionalProperties": false });
        if !required.is_empty() {
            schema["required"] = required.into();
        }
        schema
    }

    /// A field of a body: its value, or null where it may be absent.
    fn field(&mut self, spec: &FieldSpec, types: &mut SchemaGenerator) -> Value {
        let mut schema = self.value(spec, types);
        if spec.presence != Presence::Required {
            let name = schema["type"].as_str().filter(|_| schema.get("enum").is_none());
            if let Some(name) = name.map(str::to_owned) {
                schema["type"] = json!([name, "null"]);
            } else {
                let default = schema.as_object_mut().and_then(|it| it.remove("default"));
                schema = json!({ "anyOf": [schema, { "type": "null" }] });
                if let Some(default) = default {
                    schema["default"] = default;
                }
            }
        }
        if let Kind::Word(words) = spec.kind
            && schema.get("enum").is_some()
        {
            schema["description"] = with_meanings(spec.about, words).into();
        } else {
            schema["description"] = spec.about.into();
        }
        schema
    }

    /// A value of a field or of a query's parameter, with its default.
    pub(crate) fn value(&mut self, spec: &FieldSpec, types: &mut SchemaGenerator) -> Value {
        let mut schema = self.kind(spec.kind, types);
        if let Presence::Default(literal) = spec.presence {
            schema["default"] = match literal {
                Literal::Integer(number) => number.into(),
                Literal::Boolean(value) => value.into(),
                Literal::Word(word) => word.into(),
            };
        }
        schema
    }

    fn kind(&mut self, kind: Kind, types: &mut SchemaGenerator) -> Value {
        match kind {
            Kind::Integer { min, max } => {
                let format = if min >= i32::MIN.into() && max <= i32::MAX.into() { "int32" } else { "int64" };
                json!({ "type": "integer", "format": format, "minimum": min, "maximum": max })
            }
            Kind::Boolean => json!({ "type": "boolean" }),
            Kind::Text { min, max, content } => text(min, max, content),
            Kind::Fraction => json!({ "type": "number", "minimum": 0, "maximum": 1 }),
            Kind::Percent => json!({ "type": "number", "minimum": 0, "maximum": 100 }),
            Kind::Texts { min, max, max_length } => {
                let items = json!({ "type": "string", "minLength": 1, "maxLength": max_length });
                json!({ "type": "array", "items": items, "minItems": min, "maxItems": max })
            }
            Kind::Integers { max_items, min, max } => {
                let items = json!({ "type": "integer", "format": "int32", "minimum": min, "maximum": max });
                json!({ "type": "array", "items": items, "minItems": 1, "maxItems": max_items })
            }
            Kind::Identifiers { pattern, max_length, max } => {
                let items = identifier_of(pattern, max_length);
                json!({ "type": "array", "items": items, "maxItems": max, "uniqueItems": true })
            }
            Kind::Value { .. } => json!({ "type": ["string", "number", "boolean", "array", "object"] }),
            Kind::Identifier { pattern, max } => identifier_of(pattern, max),
            Kind::Word(words) => match ENUMS.iter().find(|(known, _)| *known == words) {
                Some((_, describe)) => describe(types).to_value(),
                None => words_schema("", words).to_value(),
            },
            Kind::Words { words, min } => {
                let words: Vec<&str> = words.iter().map(|word| word.text).collect();
                let items = json!({ "type": "string", "enum": words });
                json!({ "type": "array", "items": items, "minItems": min, "uniqueItems": true })
            }
            Kind::Json(limits) => match limits.text_field {
                Some((name, about)) => {
                    let properties = json!({ name: { "type": "string", "description": about } });
                    json!({ "type": "object", "properties": properties, "required": [name] })
                }
                None => json!({ "type": "object", "additionalProperties": true }),
            },
            Kind::Object(object) => self.object(object, types),
            Kind::Named { object, max } => json!({
                "type": "object",
                "additionalProperties": self.object(object, types),
                // `*` is allowed alone, and within identifiers anyway.
                "propertyNames": identifier(),
                "minProperties": 1,
                "maxProperties": max,
            }),
            Kind::Objects { object, min, max } => {
                let mut list =
                    json!({ "type": "array", "items": self.object(object, types), "maxItems": max });
                if min > 0 {
                    list["minItems"] = min.into();
                }
                list
            }
        }
    }
}

fn text(min: usize, max: usize, content: Content) -> Value {
    let mut schema = json!({ "type": "string" });
    match content {
        Content::Any => {}
        Content::NotBlank => schema["pattern"] = NOT_BLANK.into(),
        Content::Name => schema["pattern"] = NAME.into(),
        Content::Url => schema["format"] = "uri".into(),
        Content::FileName => schema["pattern"] = FILE_NAME.into(),
        Content::Sha256 => schema["pattern"] = "^[0-9a-f]{64}$".into(),
        Content::MediaType => schema["pattern"] = MEDIA_TYPE_PATTERN.into(),
        Content::BucketName => schema["pattern"] = BUCKET_PATTERN.into(),
        Content::JsonPointer => schema["pattern"] = POINTER_PATTERN.into(),
        Content::Pattern(pattern) => schema["pattern"] = pattern.into(),
        Content::SigningSecret => {
            // The pattern says the length.
            schema["pattern"] = SECRET.into();
            return schema;
        }
    }
    if min > 0 {
        schema["minLength"] = min.into();
    }
    if max < usize::MAX {
        schema["maxLength"] = max.into();
    }
    schema
}
