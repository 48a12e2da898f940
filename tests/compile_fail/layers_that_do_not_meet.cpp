// SPDX-License-Identifier: MIT
#include <ermine/models/network.hpp>
#include <ermine/models/relu.hpp>
#include <ermine/models/sized.hpp>

int main() {
    using namespace ermine;
    const auto model = network(784, dense<784, 256>(), relu(), dense<128, 10>());
    return static_cast<int>(model.parameters());
}
