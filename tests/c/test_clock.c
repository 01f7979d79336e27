/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "clock.h"

TEST(never_is_no_deadline) { CHECK_EQUAL(CLOCK_NEVER, clock_deadline(PLUGIN_WAIT_FOREVER)); }

int main(void) {
    RUN(never_is_no_deadline);
    return check_result();
}
