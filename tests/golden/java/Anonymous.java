class Anonymous {
    private final Comparator<String> order = new Comparator<String>() {
        @Override
        public int compare(String a, String b) {
            return a.length() - b.length();
        }
    };

    void start() {
        new Thread(new Runnable() {
            public void run() {
                tick();
            }
        }).start();
    }
}
