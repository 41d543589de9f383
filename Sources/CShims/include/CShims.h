/// What Swift cannot reach in C headers: varargs, function-like macros and GNU-only names,
/// each as a typed one-liner. One header per library; nothing here decides anything.
#pragma once
#include "CURLShims.h"
#include "EpollShims.h"
#include "MicroHTTPDShims.h"
#include "ProcessShims.h"
#include "SQLiteShims.h"
