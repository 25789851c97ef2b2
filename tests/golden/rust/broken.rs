fn good() -> i32 { 1 }

fn typed(x: i32) -> i32 {
    let y = x.;
    y
}

impl Thing {
    fn first(&self) { call(1, }
    fn second(&self) -> i32 { 2 }
}

fn last() {}
