local function build()
  return html {
    body {
      class = "x",
      "text",
    },
  }:render "now"
end
require "x".setup {
  on_attach = function(client)
    return client
  end,
}
