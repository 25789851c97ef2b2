class TextBlocks {
    String html() {
        return """
            <p>
              kept // as it is
            </p>
            """;
    }

    char brace() { return '}'; }
    String one() { return "/* no comment */"; }
}
