@echo off
rem Starts Winnow. WINNOW_JAVA_OPTS adds options of the JVM, for example -Xmx8g.
setlocal
set "home=%~dp0.."
set "java=%home%\runtime\bin\java.exe"
if not exist "%java%" if defined JAVA_HOME set "java=%JAVA_HOME%\bin\java.exe"
if not exist "%java%" set "java=java.exe"
"%java%" @"%home%\conf\jvm.options" -XX:AOTCache="%home%\lib\winnow.aot" -Ddev.winnow.home="%home%" %WINNOW_JAVA_OPTS% -cp "%home%\lib\winnow.jar;%home%\plugins\*" dev.winnow.launcher.Winnow %*
exit /b %ERRORLEVEL%
