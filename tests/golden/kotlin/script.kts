#!/usr/bin/env kotlin
plugins {
    kotlin("jvm") version "1.9"
}

dependencies {
    implementation("a:b:1") // words
}

fun greet(name: String) = println(name)

tasks.test {
    useJUnitPlatform()
}
