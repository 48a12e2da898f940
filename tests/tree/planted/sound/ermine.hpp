// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/loss.hpp>
#include <ermine/losses/huber.hpp>
#include <ermine/losses/logistic.hpp>
