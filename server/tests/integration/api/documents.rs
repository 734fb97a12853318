//! Documents: in and out, piece by piece, for as long as it is allowed.

use std::time::{Duration, Instant};

use reqwest::Method;

use crate::support::story_by_http::{Story, metadata};

/// A text of so many bytes that differs from place to place.
fn long_text(bytes: usize) -> Vec<u8> {
    let mut text: Vec<u8> = (0_u32..)
        .flat_map(|line| format!("linje {line}\n").into_bytes())
        .take(bytes)
        .collect();
    text.truncate(bytes);
    text
}

#[tokio::test]
async fn a_document_comes_out_as_it_went_in() {
    let story = Story::begin().await;
    let case = story.case().await;
    // Not a whole number of pieces.
    let body = long_text(3 * 64 * 1024 + 17);
    let document = story.document(&case.id, body.clone()).await;
    let path = format!("/v1/cases/{}/documents/{document}", case.id);
    let fetched = story.guardian.client.get(&path).await;
    assert_eq!(fetched.bytes, body);
    assert_eq!(fetched.header("content-type"), "text/plain; charset=utf-8");
    assert_eq!(fetched.header("content-length"), body.len().to_string());
    assert_eq!(
        fetched.header("content-disposition"),
        "attachment; filename=\"m_te 3.pdf\"; filename*=UTF-8''m%C3%B8te%203.pdf"
    );
    assert_eq!(fetched.header("x-content-type-options"), "nosniff");
    let policy = fetched.header("content-security-policy");
    assert_eq!(policy, "default-src 'none'; sandbox");
}

#[tokio::test]
async fn what_a_file_is_said_to_be_and_what_it_is_must_agree() {
    let story = Story::begin().await;
    let case = story.case().await;
    let holder = &story.holder.client;
    let file = async |declared: &str, body: &[u8]| {
        let part = reqwest::multipart::Part::bytes(body.to_vec());
        let part = part.mime_str(declared).unwrap();
        let key = crate::support::service::new_key();
        holder.file_part(&case.id, &metadata(), part, &key).await
    };
    for (declared, body) in [
        ("application/pdf", &b"%PDF-1.7"[..]),
        ("application/octet-stream", b"%PDF-1.7"),
        ("text/csv; charset=utf-8", b"namn;klasse"),
    ] {
        file(declared, body).await.good();
    }
    let problem = file("image/png", b"%PDF-1.7").await.problem(415);
    let detail = problem["detail"].as_str().unwrap();
    assert!(detail.contains("image/png") && detail.contains("application/pdf"));
    file("text/html", b"just a text").await.problem(415);
}

#[tokio::test]
async fn a_pdf_in_which_something_runs_is_not_kept() {
    let story = Story::begin().await;
    let case = story.case().await;
    let holder = &story.holder.client;
    let far = [
        b"%PDF-1.7\n".to_vec(),
        long_text(300_000),
        b"<</S /JavaScript /JS (app.alert(1))>>".to_vec(),
    ];
    let refused = holder.file(&case.id, &metadata(), far.concat()).await;
    let problem = refused.problem(415);
    assert!(problem["detail"].as_str().unwrap().contains("a script"));
    let kept: i64 = sqlx::query_scalar("SELECT count(*) FROM document_chunks")
        .fetch_one(&story.service.instance.writer)
        .await
        .unwrap();
    assert_eq!(kept, 0);
    let turns_a_page = b"%PDF-1.7\n<</OpenAction [3 0 R /Fit]>>".to_vec();
    let filed = holder.file(&case.id, &metadata(), turns_a_page).await;
    filed.good();
}

#[tokio::test]
async fn what_could_run_somewhere_is_not_kept() {
    let story = Story::begin().await;
    let case = story.case().await;
    let holder = &story.holder.client;
    let word = b"PK\x03\x04\x14\0\x06\0[Content_Types].xml".to_vec();
    let late = [long_text(200_000), vec![0xff]].concat();
    for body in [
        b"<html><script>alert(1)</script>".to_vec(),
        b"<svg xmlns='http://www.w3.org/2000/svg'/>".to_vec(),
        word,
        b"MZ\x90\0\x03\0\0\0".to_vec(),
        b"#!/bin/sh\necho hei\n".to_vec(),
        late,
        Vec::new(),
    ] {
        let refused = holder.file(&case.id, &metadata(), body).await;
        let problem = refused.problem(415);
        assert!(problem["detail"].as_str().unwrap().contains("PDF"));
    }
    let kept: i64 = sqlx::query_scalar("SELECT count(*) FROM document_chunks")
        .fetch_one(&story.service.instance.writer)
        .await
        .unwrap();
    assert_eq!(kept, 0, "of what was refused nothing stays");
    let seen = holder.get(&format!("/v1/cases/{}", case.id)).await.good();
    assert!(seen["documents"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn a_document_that_is_too_large_is_refused() {
    let story = Story::begin_with(&[("document_bytes_max", "100000")]).await;
    let case = story.case().await;
    let holder = &story.holder.client;
    let refused = holder.file(&case.id, &metadata(), long_text(100_001)).await;
    refused.problem(413);
    let filed = holder.file(&case.id, &metadata(), long_text(100_000)).await;
    filed.good();
}

#[tokio::test]
async fn a_body_that_is_not_two_parts_is_refused() {
    let story = Story::begin().await;
    let case = story.case().await;
    let path = format!("/v1/cases/{}/documents", case.id);
    let holder = &story.holder.client;
    let request = || {
        holder
            .request(Method::POST, &path)
            .header("idempotency-key", crate::support::service::new_key())
    };
    let form = reqwest::multipart::Form::new().text("file", "first");
    let answer = crate::support::service::Answer::to(request().multipart(form)).await;
    answer.problem(400);
    let form = reqwest::multipart::Form::new().text("metadata", metadata().to_string());
    let answer = crate::support::service::Answer::to(request().multipart(form)).await;
    answer.problem(400);
    let form = reqwest::multipart::Form::new()
        .text("metadata", r#"{"title": ""}"#)
        .text("file", "text");
    let answer = crate::support::service::Answer::to(request().multipart(form)).await;
    let errors = answer.problem(400)["errors"].as_array().unwrap().len();
    assert_eq!(errors, 3);
    let answer = crate::support::service::Answer::to(request().json(&metadata())).await;
    answer.problem(415);
}

#[tokio::test]
async fn a_download_ends_where_the_consent_ends() {
    let recheck = Duration::from_millis(100);
    let story = Story::begin_with(&[("recheck_interval_ms", "100")]).await;
    let case = story.case().await;
    // More than the buffers between here and there can hold.
    let size = 24 * 1024 * 1024;
    let document = story.document(&case.id, long_text(size)).await;
    let path = format!("/v1/cases/{}/documents/{document}", case.id);
    let request = story.holder.client.request(Method::GET, &path);
    let mut response = request.send().await.unwrap();
    assert_eq!(response.content_length(), Some(size as u64));
    let mut received = response.chunk().await.unwrap().unwrap().len();

    story.withdraw(&case).await;
    let withdrawn = Instant::now();
    while withdrawn.elapsed() < recheck {
        story.service.anyone().get("/healthz").await.good();
    }
    let cut = loop {
        match response.chunk().await {
            Ok(Some(piece)) => received += piece.len(),
            Ok(None) => break false,
            Err(_) => break true,
        }
    };
    assert!(
        cut,
        "the connection ends with an error, not as if it were whole"
    );
    assert!(received < size, "{received} of {size} bytes came");
    story.holder.client.get(&path).await.problem(403);
}
