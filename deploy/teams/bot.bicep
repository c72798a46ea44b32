// An Azure Bot for the assistant: single tenant, with the Teams channel. Free of charge at this size.
//   az deployment group create --resource-group RESOURCE_GROUP --template-file bot.bicep \
//     --parameters appId=APP_ID endpoint=https://assistant.school.example/api/messages
@description('The application (client) id of the app registration in Microsoft Entra.')
param appId string

@description('The tenant of the school.')
param tenantId string = tenant().tenantId

@description('Where Teams sends activities: your HTTPS address with /api/messages behind it.')
param endpoint string

@description('The bot\'s name in Azure; it must be free.')
param botName string = 'policy-assistant-${uniqueString(resourceGroup().id)}'

resource bot 'Microsoft.BotService/botServices@2022-09-15' = {
  name: botName
  location: 'global'
  kind: 'azurebot'
  sku: {
    name: 'F0'
  }
  properties: {
    displayName: 'Policy assistant'
    endpoint: endpoint
    msaAppId: appId
    msaAppTenantId: tenantId
    msaAppType: 'SingleTenant'
    schemaTransformationVersion: '1.3'
    disableLocalAuth: true
  }
}

resource teams 'Microsoft.BotService/botServices/channels@2022-09-15' = {
  parent: bot
  name: 'MsTeamsChannel'
  location: 'global'
  properties: {
    channelName: 'MsTeamsChannel'
    properties: {
      isEnabled: true
    }
  }
}
