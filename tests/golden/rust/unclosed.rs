fn before() {}

fn open(x: i32) {
    if x > 1 {
        go();

fn after() -> i32 { 2 }
