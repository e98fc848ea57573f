use sealcast_contracts::{
    RoomId,
    audit::{MessageFilter, PlaceHold, ReleaseHold, Scope},
    auth::Role,
};

use crate::harness::{Stack, caller, logged_out, message};

const TABLES: [(&str, &str); 8] = [
    ("records", "epoch"),
    ("events", "kind"),
    ("log_hashes", "hash"),
    ("checkpoints", "note"),
    ("quarantine", "reason"),
    ("concerned", "visible_from"),
    ("holds", "case_id"),
    ("hold_releases", "released_leaf"),
];

#[tokio::test]
async fn no_role_rewrites_the_archive() {
    let stack = Stack::start().await;
    let service = stack.serve().await;
    let room = RoomId::generate();
    stack.publish_event(&logged_out()).await;
    stack.publish_raw("room.nonsense", &[], b"nonsense".to_vec()).await;
    let id = stack.publish(&message(room)).await;
    stack.covered(id).await;
    stack.idle("EVENTS").await;
    let officer = caller(Role::Auditor);
    let case = stack.approved_case(&officer, Scope::default()).await;
    stack.query_in(&officer, case.case_id, MessageFilter::default()).await.unwrap();
    let hold = PlaceHold { caller: officer.clone(), case_id: case.case_id, scope: Scope::default(), reason: "r".to_owned() };
    let hold_id = stack.bus.call(&hold).await.unwrap().hold_id;
    stack.bus.call(&ReleaseHold { caller: officer, hold_id, reason: "r".to_owned() }).await.unwrap();
    let (svc, owner, superuser) = (stack.database.pool("audit_svc"), stack.database.pool("audit_owner"), stack.superuser());
    for (table, column) in TABLES {
        assert!(stack.count(table).await > 0, "{table} has a row");
        for statement in [
            format!("update audit.{table} set {column} = {column}"),
            format!("delete from audit.{table}"),
            format!("truncate audit.{table}"),
        ] {
            // By grant.
            let refused = sqlx::query(&statement).execute(&svc).await.expect_err(&statement);
            assert!(refused.to_string().contains("permission denied"), "{statement}: {refused}");
            // By trigger, also for the owner, and for a superuser who only switches ordinary triggers off.
            let refused = sqlx::query(&statement).execute(&owner).await.expect_err(&statement);
            assert!(is_rewrite(&refused), "{statement}: {refused}");
            let mut conn = superuser.acquire().await.unwrap();
            sqlx::query("set session_replication_role = replica").execute(&mut *conn).await.unwrap();
            let refused = sqlx::query(&statement).execute(&mut *conn).await.expect_err(&statement);
            assert!(is_rewrite(&refused), "{statement}: {refused}");
            sqlx::query("reset session_replication_role").execute(&mut *conn).await.unwrap();
        }
    }
    for statement in [
        // Not without a destruction record.
        "delete from audit.data_keys",
        "update audit.data_keys set kek_version = 2",
        "drop table audit.records",
        "alter table audit.records disable trigger all",
        "select * from auth.accounts",
    ] {
        assert!(sqlx::query(statement).execute(&svc).await.is_err(), "{statement}");
    }
    for statement in
        ["delete from audit.data_keys", "truncate audit.data_keys", "update audit.data_keys set room_id = gen_random_uuid()"]
    {
        assert!(sqlx::query(statement).execute(&owner).await.is_err(), "{statement}, as the owner");
    }
    service.stop().await;
}

/// A table that others refer to is not truncated for that reason already.
fn is_rewrite(refused: &sqlx::Error) -> bool {
    let text = refused.to_string();
    text.contains("append-only") || text.contains("referenced in a foreign key constraint")
}

#[tokio::test]
async fn every_table_and_column_is_described() {
    let stack = Stack::start().await;
    let missing: Vec<String> = sqlx::query_scalar(
        "select c.relname || '.' || a.attname from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
         where c.relnamespace = 'audit'::regnamespace and c.relkind = 'r' and c.relname <> '_sqlx_migrations'
           and (col_description(c.oid, a.attnum) is null or obj_description(c.oid, 'pg_class') is null)",
    )
    .fetch_all(&stack.superuser())
    .await
    .unwrap();
    assert_eq!(missing, Vec::<String>::new());
}
