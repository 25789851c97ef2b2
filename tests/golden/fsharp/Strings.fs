module Strings
let text name =
    let a = "one
  two"
    let b = """raw "quoted"
    // no comment
"""
    let c = @"C:\path
 more"
    a + b + c + name
