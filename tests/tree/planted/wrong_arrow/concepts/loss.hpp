// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/losses/huber.hpp>
