ROUTES = {
  "/" => ->(env) { [200, {}, []] },
  home: {
    run: -> { 1 },
  },
  list: [
    1,
    2,
  ],
}.freeze

def options(a:,
            b: {
              c: 1,
            })
  merge(
    a: a,
    b: b
  )
end
