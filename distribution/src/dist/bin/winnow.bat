@echo off
rem Starts Winnow with the JDK 25 of JAVA_HOME or the PATH.
setlocal
set "HOME_DIR=%~dp0.."
set "JAVA_CMD=java"
if defined JAVA_HOME set "JAVA_CMD=%JAVA_HOME%\bin\java"
if exist "%HOME_DIR%\runtime\bin\java.exe" set "JAVA_CMD=%HOME_DIR%\runtime\bin\java"
"%JAVA_CMD%" "@%HOME_DIR%\conf\jvm.options" %WINNOW_JAVA_OPTS% -cp "%HOME_DIR%\lib\*;%HOME_DIR%\plugins\*" dev.winnow.launcher.Winnow %*
exit /b %ERRORLEVEL%
