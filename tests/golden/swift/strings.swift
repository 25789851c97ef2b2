func html(name: String) -> String {
    return """
        <p>
          \(name) // kept
        </p>
        """
}

func raw() -> String { #"a "quoted" \n }"# }
