@file:JvmName("Utils")

package demo

class Service {
    @Test
    @DisplayName("works")
    fun works() {
        check(true)
    }

    @Inject lateinit var repo: Repo

    @get:Rule
    val rule = Rule()
}
