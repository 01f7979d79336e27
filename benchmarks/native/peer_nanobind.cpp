/* SPDX-License-Identifier: Apache-2.0 */
#include "peer.h"

#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>
#include <string>

static std::string reply(const char *text) {
    char *copy = answer(text);
    std::string result(copy);
    give_back(copy);
    return result;
}

NB_MODULE(peer_nanobind, module) {
    module.def("reply", reply, nanobind::call_guard<nanobind::gil_scoped_release>());
    module.def("reply_with_gil", reply);
}
