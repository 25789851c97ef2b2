fn text() -> &'static str {
    "first \
     second
  third // kept"
}

fn raw() -> &'static str {
    r#"
    fn no() { "quoted" }
    "#
}

fn life<'a>(x: &'a str) -> char { 'x' }
