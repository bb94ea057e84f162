# Completion for PowerShell. Asks flagctl itself, so it knows the flags of your file.
# Put it into the file that $PROFILE names.
$env:FLAGCTL_COMPLETE = "powershell"; flagctl 2>$null | Out-String | Invoke-Expression; Remove-Item Env:\FLAGCTL_COMPLETE
