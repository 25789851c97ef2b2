#!/usr/bin/env ruby
# frozen_string_literal: true

require "json"

# Adds.
def add(a, b = 1, *rest, key: 2, **options, &block)
  sum = a + b # both
  rest.each do |r|
    sum += r
  end
  block ? block.call(sum) : sum
end

def square(x) = x * x
def empty; end
def predicate?(x) x.nil? end
def forward(...) = add(...)
def implicit
  yield 1
end
