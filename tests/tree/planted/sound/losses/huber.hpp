// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/loss.hpp>
