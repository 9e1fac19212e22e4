@echo off
rem Starts Winnow: finds a Java 25 and hands everything over. WINNOW_JAVA_OPTS adds options of the JVM, for example -Xmx8g.
setlocal
set "home=%~dp0.."
set "java="
for %%c in ("%home%\runtime" "%JAVA_HOME%" "%JAVA25_HOME%") do if not defined java call :use_if_java_25 "%%~c"
if defined java goto found
java -version 2>&1 | findstr /r /c:"version .25" >nul
if errorlevel 1 (
    echo winnow: error: There is no Java 25: install a JDK 25 and set JAVA_HOME to it. 1>&2
    exit /b 1
)
set "java=java"
:found
"%java%" @"%home%\conf\jvm.options" -Ddev.winnow.home="%home%" %WINNOW_JAVA_OPTS% -cp "%home%\lib\winnow.jar;%home%\plugins\*" dev.winnow.launcher.Winnow %*
exit /b %ERRORLEVEL%

rem A dot stands for a quotation mark, which findstr and the command line would read differently.
:use_if_java_25
if not exist "%~1\bin\java.exe" exit /b
findstr /b /r /c:"JAVA_VERSION=.25" "%~1\release" >nul 2>&1 && set "java=%~1\bin\java.exe"
exit /b
