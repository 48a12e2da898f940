// SPDX-License-Identifier: MIT
#pragma once

#include <fast_float/fast_float.h>
