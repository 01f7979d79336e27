/* SPDX-License-Identifier: Apache-2.0 */
#include "peer.h"

#include <pybind11/pybind11.h>
#include <string>

static std::string reply(const char *text) {
    char *copy = answer(text);
    std::string result(copy);
    give_back(copy);
    return result;
}

PYBIND11_MODULE(peer_pybind11, module) {
    module.def("reply", reply, pybind11::call_guard<pybind11::gil_scoped_release>());
    module.def("reply_with_gil", reply);
}
