fn classify(value: Option<i32>) -> &'static str {
    match value {
        None => "nothing",
        Some(n) if n < 0 => {
            warn(n);
            "negative"
        }
        Some(0 | 1) => "few",
        Some(_)
            if cfg!(debug_assertions) =>
            "debug",
        _ => "many",
    }
}

fn flow(x: u8) -> u8 {
    let Some(y) = get(x) else {
        return 0;
    };
    if x > 1 {
        1
    } else if let Some(z) = y {
        z
    }
    else {
        'outer: loop {
            while x < 3 { break 'outer; }
        }
        unsafe { raw(x) }
    }
}
