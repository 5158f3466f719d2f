//! `template.yaml`, `functions/`, the route table and the local gateway say the same.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use local::gateway::FUNCTIONS;
use local::template::Template;
use shared::http::routes;
use std::collections::BTreeSet;
use std::path::Path;

fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

#[test]
fn template_folders_routes_and_gateway_have_the_same_functions() {
    let folders: BTreeSet<String> = std::fs::read_dir(workspace().join("functions"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let template = Template::embedded().unwrap().functions().unwrap();
    let in_template: BTreeSet<String> = template.iter().map(|function| function.binary.clone()).collect();
    let in_gateway: BTreeSet<String> = FUNCTIONS.iter().map(|function| function.name().to_owned()).collect();
    let in_routes: BTreeSet<String> = routes::ALL.iter().map(|route| route.name.to_owned()).collect();
    assert_eq!(in_template, folders);
    assert_eq!(in_gateway, folders);
    assert_eq!(in_routes, folders);
    assert_eq!(template.len(), folders.len(), "no function twice");
    for function in &template {
        assert_eq!(function.folder, format!("functions/{}", function.binary));
    }
}

#[test]
fn template_and_gateway_have_the_same_routes() {
    let route = |method: &str, path: &str, name: &str| (method.to_owned(), path.to_owned(), name.to_owned());
    let in_template: BTreeSet<_> = Template::embedded()
        .unwrap()
        .functions()
        .unwrap()
        .into_iter()
        .map(|function| (function.route.0, function.route.1, function.binary))
        .collect();
    let in_gateway: BTreeSet<_> = FUNCTIONS
        .iter()
        .map(|function| route(function.route.method, function.route.path, function.name()))
        .collect();
    let in_routes: BTreeSet<_> = routes::ALL.iter().map(|it| route(it.method, it.path, it.name)).collect();
    assert_eq!(in_template, in_gateway);
    assert_eq!(in_template, in_routes);
}

#[test]
fn the_template_defines_the_table_that_the_store_expects() {
    let table = Template::embedded().unwrap().table().unwrap();
    let names: Vec<&str> = table.indexes.iter().map(|index| index.name.as_str()).collect();
    assert_eq!(names, ["queue", "queue-by-workflow", "due-leases"]);
    assert!(
        table.indexes.iter().all(|index| index.projection == "KEYS_ONLY"),
        "a claim must write to no queue"
    );
    assert_eq!(table.ttl_attribute, "ttl");
    assert_eq!(table.stream_view, "NEW_AND_OLD_IMAGES");
}

#[test]
fn pages_of_other_origins_may_send_and_read_the_headers_the_contract_has() {
    let cors = Template::embedded().unwrap().cors().unwrap();
    for header in ["api-key", "content-type"] {
        assert!(cors.request_headers.contains(&header.to_owned()), "{header}");
    }
    for header in ["x-request-id", "retry-after"] {
        assert!(cors.response_headers.contains(&header.to_owned()), "{header}");
    }
}
