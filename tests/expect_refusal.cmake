# SPDX-License-Identifier: MIT
# cmake -DSENTENCE=text -P expect_refusal.cmake -- command…
# The command must fail, and the first line that says "error" must hold the sentence.
set(command "")
set(after FALSE)
math(EXPR last "${CMAKE_ARGC} - 1")
foreach(i RANGE ${last})
    if(after)
        list(APPEND command "${CMAKE_ARGV${i}}")
    elseif(CMAKE_ARGV${i} STREQUAL "--")
        set(after TRUE)
    endif()
endforeach()

execute_process(COMMAND ${command} RESULT_VARIABLE status OUTPUT_VARIABLE out ERROR_VARIABLE out)
if(status EQUAL 0)
    message(FATAL_ERROR "This was to be refused, and was accepted. Expected:\n  ${SENTENCE}")
endif()
string(REGEX MATCH "[^\n]*error[^\n]*" line "${out}")
string(FIND "${line}" "${SENTENCE}" place)
if(place EQUAL -1)
    message(FATAL_ERROR "The first error line was:\n  ${line}\nExpected in it:\n  ${SENTENCE}\n"
                        "All of the output:\n${out}")
endif()
