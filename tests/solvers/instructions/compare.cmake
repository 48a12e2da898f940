# SPDX-License-Identifier: MIT
# cmake -DVALGRIND=… -DPROGRAM=… -P compare.cmake: an iteration of Newton's method on two variables takes at most
# 1.5 times the instructions of the same loop by hand, and a call at most 3000 more than one.

function(instructions out which iterations)
    execute_process(
        COMMAND ${VALGRIND} --tool=callgrind --callgrind-out-file=/dev/null ${PROGRAM} ${which} ${iterations}
        RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE errors)
    if(NOT status EQUAL 0 OR NOT errors MATCHES "Collected : ([0-9]+)")
        message(FATAL_ERROR "newton ${which} ${iterations} under callgrind: ${status}\n${output}${errors}")
    endif()
    set(${out} ${CMAKE_MATCH_1} PARENT_SCOPE)
endfunction()

foreach(which IN ITEMS h a c n)
    instructions(none ${which} 0)
    instructions(first ${which} 1000)
    instructions(second ${which} 2000)
    set(call_${which} ${none})
    math(EXPR thousand_${which} "${second} - ${first}")
endforeach()

foreach(pair IN ITEMS "c h" "n h" "n a")
    separate_arguments(pair)
    list(GET pair 0 ours)
    list(GET pair 1 by_hand)
    math(EXPR limit "${thousand_${by_hand}} * 3 / 2")
    math(EXPR call "${call_${ours}} - ${call_${by_hand}}")
    message("${ours} against ${by_hand}: 1000 iterations take ${thousand_${ours}} instructions against "
            "${thousand_${by_hand}}, a call adds ${call}")
    if(thousand_${by_hand} LESS 50000)
        message(FATAL_ERROR "The loop by hand did not run.")
    elseif(thousand_${ours} GREATER limit)
        message(SEND_ERROR "More than 1.5 times the loop by hand.")
    elseif(call GREATER 3000)
        message(SEND_ERROR "A call adds more than 3000.")
    endif()
endforeach()
