macro_rules! maximum {
    ($x:expr) => { $x };
    ($x:expr, $($rest:expr),+) => {{
        let a = $x;
        a.max(maximum!($($rest),+))
    }};
}

thread_local! {
    static COUNT: Cell<u32> = Cell::new(0);
}

fn use_them() -> Vec<u32> {
    let v = vec![
        1,
        2,
    ];
    println!(
        "{}", // words go
        v.len(),
    );
    v
}
