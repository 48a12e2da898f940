// SPDX-License-Identifier: MIT
#pragma once

#include "huber.hpp"
