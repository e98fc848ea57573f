fn main() { print!("{}", sealcast_edge_svc::api::document::to_json()); }
