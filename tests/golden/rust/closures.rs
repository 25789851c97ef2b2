static HOOK: fn() = || {};

fn run(values: &[i32]) -> i32 {
    let square = |x: i32| x * x;
    let log = move |x| {
        println!("{}", x);
    };
    fn helper(x: i32) -> i32 { x + 1 }
    let total = values
        .iter()
        .map(|x| helper(*x))
        .filter(|x| {
            *x > 1
        })
        .sum();
    log(total);
    square(total)
}
