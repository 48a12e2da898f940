# SPDX-License-Identifier: MIT
# cmake --install: headers, ermineConfig.cmake for find_package(ermine), ermine.pc for pkg-config.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(config_dir ${CMAKE_INSTALL_DATADIR}/cmake/ermine)
install(DIRECTORY include/ermine DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
        FILES_MATCHING PATTERN "*.hpp")
install(TARGETS ermine EXPORT ermineTargets)
install(EXPORT ermineTargets NAMESPACE ermine:: DESTINATION ${config_dir})

configure_package_config_file(cmake/ermineConfig.cmake.in ermineConfig.cmake
    INSTALL_DESTINATION ${config_dir} NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(ermineConfigVersion.cmake
    COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/ermineConfig.cmake
              ${CMAKE_CURRENT_BINARY_DIR}/ermineConfigVersion.cmake
              cmake/ermine_optional.cmake
        DESTINATION ${config_dir})

configure_file(cmake/ermine.pc.in ermine.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/ermine.pc
        DESTINATION ${CMAKE_INSTALL_DATADIR}/pkgconfig)
